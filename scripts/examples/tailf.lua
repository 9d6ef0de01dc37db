-- Follows a file from its present end and publishes its new lines on channel
-- `log`, those with ERROR also on channel `log-errors`. (Channels log:* are
-- Saker's own.)
local path, at, rest

local function publish(line)
  saker.publish("log", line)
  if line:find("ERROR", 1, true) then
    saker.publish("log-errors", line)
  end
end

local function look()
  local info = saker.fileinfo(path, true)
  if not info then
    return -- it is away for a moment: it is being rotated
  end
  if info.SIZE < at then
    at, rest = 0, "" -- a new file
  end
  if info.SIZE == at then
    return
  end
  local new = saker.exec({"tail", "-c", "+" .. (at + 1), path})
  if not new then
    return
  end
  at = at + #new.out
  local lines = rest .. new.out
  rest = lines:match("[^\n]*$")
  for line in lines:gmatch("([^\n]*)\n") do
    publish(line)
  end
end

local timer

saker.register("tailf", function(args)
  local info, why = saker.fileinfo(args[1], true)
  if not info then
    return nil, why
  end
  path, at, rest = args[1], info.SIZE, ""
  if timer then
    timer:close()
  end
  timer = saker.every("200ms", look)
  return {ok = "following " .. path}
end, PROP_PASSIVITY, {arity = 2, help = "tailf PATH"})
