-- The names in a directory; a glob chooses some.
saker.register("listdir", function(args)
  return saker.ls(args[1], args[2])
end, PROP_PASSIVITY, {arity = -2, help = "listdir PATH [GLOB]"})
