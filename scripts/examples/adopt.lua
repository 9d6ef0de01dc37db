-- A program that runs on its own, with a pidfile, and ends with this script.
-- Until then neither a crash of the script nor one of Saker's node ends it.
local pidfile

saker.register("adopt", function(args)
  local pid, file = saker.adopt(args[1], args[2], args[3])
  if not pid then
    return nil, file -- why not
  end
  pidfile = file
  saker.log("info", args[2], "runs as pid", pid)
  return pid
end, PROP_PASSIVITY,
               {arity = -3, right = "admin",
                help = "adopt PIDFILE COMMAND-LINE [USER]"})

-- The pid is read again: the program may have ended since, and its number may
-- be that of another one.
saker.register("end-adopted", function()
  local pid = pidfile and saker.pidof(pidfile)
  if pid then
    saker.kill(pid, "TERM")
    saker.log("notice", "the program of", pidfile, "ends with its script")
  end
end, PROP_DEFER, {help = "runs at the end"})
