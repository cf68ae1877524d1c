// The page may be zoomed, and says its language before the first screen is there.
document.documentElement.lang = new URLSearchParams(window.location.search).get("lang") === "en" ? "en" : "de";
document.querySelector('meta[name="viewport"]').setAttribute("content", "width=device-width, initial-scale=1");
