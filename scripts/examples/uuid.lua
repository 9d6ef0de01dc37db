saker.register("uuid", function()
  return saker.uuid()
end, PROP_PASSIVITY, {arity = 1, help = "uuid: a random one"})
