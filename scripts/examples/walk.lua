-- All files below a directory; a glob on their names chooses some.
saker.register("walk", function(args)
  return saker.walk(args[1], args[2])
end, PROP_PASSIVITY, {arity = -2, help = "walk PATH [GLOB]"})
