-- A message each second; see it with SUBSCRIBE foo.
saker.register("publish-uuid", function()
  saker.publish("foo", saker.uuid())
end, PROP_CYCLE, {every = "1s", help = "publishes a UUID on channel foo"})
