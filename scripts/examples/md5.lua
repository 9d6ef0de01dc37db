saker.register("md5", function(args)
  return saker.md5(args[1])
end, PROP_PASSIVITY, {arity = 2, help = "md5 TEXT"})
