-- What runs at the end: when the script is unloaded, and when Saker shuts down.
saker.register("good-night", function()
  saker.log("notice", "good night")
end, PROP_DEFER, {help = "runs at the end"})
