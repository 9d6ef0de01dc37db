-- Remembers the last events of services, and starts again what has failed,
-- once an hour at most.
local last, tried = {}, {}

saker.subscribe("saker:*", function(channel, message)
  last[#last + 1] = channel
  if #last > 10 then
    table.remove(last, 1)
  end
  local event = json.decode(message)
  if not event or event.event ~= "failed" then
    return
  end
  local now = os.time()
  if now - (tried[event.service] or 0) < 3600 then
    return
  end
  tried[event.service] = now
  local service, why = saker.service(event.service)
  if service then
    saker.event("second-chance", {service = event.service})
    service:start()
  else
    saker.log("warning", why)
  end
end)

saker.register("last-events", function()
  return last
end, PROP_PASSIVITY, {help = "last-events: channels of the last ten"})
