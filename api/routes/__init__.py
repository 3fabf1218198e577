"""The routes: `hits` is the JSON API, `pages` what a browser shows."""
