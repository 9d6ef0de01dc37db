-- Runs a program and waits for it: `exec-wait sleep 0.1`. Or begins one and
-- does not: `exec-begin PATH-OF/app.sh` stays until the script ends, or until
-- `exec-end`.
saker.register("exec-wait", function(args)
  local done, why = saker.exec(args, "5s")
  if not done then
    return nil, why
  end
  return {done.code, done.out}
end, PROP_PASSIVITY,
               {arity = -2, right = "admin",
                help = "exec-wait PROGRAM [ARGUMENT...]: exit code, output"})

local running -- its pid

-- saker.exec waits for the end; what shall go on is adopted.
saker.register("exec-begin", function(args)
  if running and saker.kill(running, 0) then
    return {err = "ERR it runs already: exec-end ends it"}
  end
  local pid, why = saker.adopt {cmd = args[1], args = {table.unpack(args, 2)}}
  if not pid then
    return nil, why
  end
  running = pid
  return pid
end, PROP_PASSIVITY,
               {arity = -2, right = "admin",
                help = "exec-begin PROGRAM [ARGUMENT...]: its pid"})

local function finish()
  local pid = running
  running = nil
  return pid and saker.kill(pid, "TERM") or false
end

saker.register("exec-end", finish, PROP_PASSIVITY,
               {arity = 1, right = "admin", help = "ends what was begun"})

-- What this script has begun does not outlive it.
saker.register("exec-defer", function()
  if finish() then
    saker.log("notice", "what was begun has been ended")
  end
end, PROP_DEFER, {help = "runs at the end"})
