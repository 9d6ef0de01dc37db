-- Commands to play with: `saker run --demo` loads them, and any Redis client
-- calls them like built-in ones: redis-cli -p 12007 greet Ann

-- A command gets its arguments as a table of strings; what it returns is the
-- reply.
local function greet(args)
  return "Hello, " .. (args[1] or "world") .. "!"
end

-- saker.exec waits for the program, and others go on meanwhile. `nil, message`
-- is an error for the client.
local function load_average()
  local done, why = saker.exec({"cat", "/proc/loadavg"})
  if not done then
    return nil, why
  end
  return {done.out:match("(%S+) (%S+) (%S+)")}
end

local function disk()
  local done, why = saker.exec({"df", "-h", "/"})
  if not done then
    return nil, why
  end
  return done.out
end

-- Runs every two seconds; see it with SUBSCRIBE heartbeat.
local beats = 0
local function heartbeat()
  beats = beats + 1
  saker.publish("heartbeat", beats .. " " .. os.date("%H:%M:%S"))
end

saker.register("greet", greet, PROP_PASSIVITY,
               {help = "greet [NAME]: a friendly word"})
saker.register("load-average", load_average, PROP_PASSIVITY,
               {help = "load-average: of 1, 5 and 15 minutes"})
saker.register("disk", disk, PROP_PASSIVITY,
               {help = "disk: how full the root file system is"})
saker.register("heartbeat", heartbeat, PROP_CYCLE,
               {every = "2s", help = "publishes a number and the time"})
