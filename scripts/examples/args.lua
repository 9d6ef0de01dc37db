-- args WORD...: the arguments come back as they were given, any bytes.
saker.register("args", function(args)
  return args
end, PROP_PASSIVITY, {help = "args [WORD...]: gives them back"})
