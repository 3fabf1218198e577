"""The review page and its JSON API: shows what the store holds, keeps what a reviewer decides; no logic of its own."""
