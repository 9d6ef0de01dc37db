-- Watches over services that *.svr files describe, as a script of its own: it
-- starts what should run and does not, every few seconds. Definitions in
-- services/*.lua do more (causes, budgets, output): `angell-definition NAME`
-- prints what a description would be there.
--
-- A file is a JSON object, name -> description; full.svr shows all keys.
local services, history, longest = {}, {}, 30000
local said = {} -- name -> why its last start failed
local signals = {[1] = "HUP", [2] = "INT", [3] = "QUIT", [9] = "KILL",
                 [10] = "USR1", [12] = "USR2", [15] = "TERM"}

local function note(name, text)
  local list = history[name] or {}
  history[name] = list
  list[#list + 1] = os.date("%Y-%m-%d %H:%M:%S ") .. text
  if #list > 100 then
    table.remove(list, 1)
  end
end

-- `key` is a glob on the name of the process; saker.pidof takes RE2.
local function expression(key)
  local text = key:gsub("[%^%$%.%+%(%)%{%}|\\]", "\\%0")
  return "^" .. text:gsub("%*", ".*"):gsub("%?", ".") .. "$"
end

local function patience(value)
  value = tonumber(value) or 3000
  return value < 0 and 3000 or math.min(value, longest)
end

local function pid_of(x)
  return (saker.pidof(x.pidfile, x.key and expression(x.key)))
end

-- Polls until it runs (or not), at most `ms`; returns its pid.
local function await(x, runs, ms)
  local pid = pid_of(x)
  while ms > 0 and (pid ~= nil) ~= runs do
    saker.sleep(100)
    ms = ms - 100
    pid = pid_of(x)
  end
  return pid
end

local function start(name, x)
  local pid, why = pid_of(x), nil
  if pid then
    return "already started with " .. pid
  end
  local service = saker.service(name)
  if service then
    pid, why = service:start()
  elseif x.adopt == "yes" then
    pid, why = saker.adopt {name = name, cmd = "/bin/sh",
                            args = {"-c", "exec " .. x.scmd},
                            dir = x.home ~= "" and x.home or nil,
                            pidfile = x.pidfile,
                            user = x.user ~= "" and x.user or nil}
  else -- what saker.exec starts does not outlive it
    why = "it goes into the background: write what `angell-definition " .. name
          .. "` prints into services/" .. name .. ".lua"
  end
  pid = await(x, true, pid and patience(x.waitstart) or 0)
  note(name, pid and "started with " .. pid or "start failed")
  if pid then
    return "started with " .. pid
  end
  return nil, why or "no process has come up"
end

local function stop(name, x)
  local pid = pid_of(x)
  if not pid then
    return "has stopped"
  end
  local service = saker.service(name)
  if service and (x.adopt ~= "yes" or x.ksignal == 15) then
    service:stop() -- Saker watches it, and would call another end a failure
  elseif x.ksignal ~= 0 then
    saker.kill(pid, x.ksignal or "TERM")
  else
    saker.exec(x.kcmd, {timeout = patience(x.waitstop)})
  end
  note(name, "stop")
  if await(x, false, patience(x.waitstop)) then
    return nil, "still runs; it is killed at the next look"
  end
  return "ok"
end

-- By priority, then by name.
local function sorted(names)
  table.sort(names, function(a, b)
    local x, y = services[a].priority or 99, services[b].priority or 99
    if x ~= y then
      return x < y
    end
    return a < b
  end)
  return names
end

local function is_in(x, group)
  local groups = type(x.group) == "table" and x.group or {x.group}
  for _, word in ipairs(groups) do
    if word == group then
      return true
    end
  end
  return group == "default"
end

-- Names, %groups, or nothing: all. An unknown one is an error of the whole.
local function chosen(args)
  local names, seen = {}, {}
  for _, word in ipairs(#args > 0 and args or {"%default"}) do
    local found = false
    for name, x in pairs(services) do
      if name == word or word:sub(1, 1) == "%" and is_in(x, word:sub(2)) then
        found = true
        if not seen[name] then
          seen[name] = true
          names[#names + 1] = name
        end
      end
    end
    if not found and #args > 0 then
      return nil, "there is no service or group \"" .. word .. "\""
    end
  end
  return sorted(names)
end

-- A command that does something with each of them and tells how it went.
local function for_each(act)
  return function(args)
    local names, why = chosen(args)
    if not names then
      return nil, why
    end
    local reply = {}
    for _, name in ipairs(names) do
      local done, text = act(name, services[name])
      reply[name] = {map = {code = done and 0 or 1, desc = done or text}}
    end
    return {map = reply}
  end
end

local function wrong(name, x)
  if type(x) ~= "table" then
    return name .. ": not an object"
  end
  for _, key in ipairs {"pidfile", "scmd"} do
    if type(x[key]) ~= "string" or x[key] == "" then
      return name .. ": " .. key .. " is missing"
    end
  end
  if x.ksignal == 0 and (x.kcmd or "") == "" then
    return name .. ": ksignal is 0, so kcmd is needed"
  end
end

-- All files count, or none of them.
saker.register("angell-load", function(args)
  local files, why = saker.walk(args[1], "*.svr")
  if not files then
    return nil, why
  end
  local found, count = {}, 0
  for _, path in ipairs(files) do
    local file = assert(saker.exec {"cat", path})
    if file.code ~= 0 then
      return nil, file.err
    end
    local all, fault = json.decode(file.out)
    if type(all) ~= "table" then
      return nil, path .. ": " .. (fault or "not an object")
    end
    for name, x in pairs(all) do
      local comment = name:sub(1, 1) == "_"
      fault = not comment and wrong(name, x)
      if fault then
        return nil, path .. ": " .. fault
      end
      if not comment then
        count = count + (found[name] and 0 or 1)
        found[name] = x
      end
    end
  end
  services = found
  return count
end, PROP_PASSIVITY, {arity = 2, right = "admin",
                      help = "angell-load DIRECTORY: how many services"})

saker.register("angell-status", for_each(function(_, x)
  local pid = pid_of(x)
  if x.check == "yes" then
    return pid and "Running, pid " .. pid, "Abnormal"
  end
  return not pid and "Stopped", "Revolting, pid " .. tostring(pid)
end), PROP_PASSIVITY, {arity = -1, help = "angell-status [NAME|%GROUP...]"})

saker.register("angell-start", for_each(function(name, x)
  x.check = "yes"
  return start(name, x)
end), PROP_PASSIVITY, {arity = -2, right = "admin",
                       help = "angell-start NAME|%GROUP..."})

saker.register("angell-stop", for_each(function(name, x)
  x.check = "wait"
  local done, why = stop(name, x)
  if done then
    x.check = "no"
  end
  return done, why
end), PROP_PASSIVITY, {arity = -2, right = "admin",
                       help = "angell-stop NAME|%GROUP..."})

saker.register("angell-drop", for_each(function(_, x)
  x.check = "no"
  return "left alone"
end), PROP_PASSIVITY, {arity = -2, right = "admin",
                       help = "angell-drop NAME|%GROUP...: look no more"})

saker.register("angell-life", function(args)
  return services[args[1]] and (history[args[1]] or {})
end, PROP_PASSIVITY, {arity = 2, help = "angell-life NAME: what happened"})

-- One look at all of them. A start that waits holds up nobody else: other
-- commands are answered meanwhile.
saker.register("angell-check", function()
  for _, name in ipairs(chosen {}) do
    local x = services[name]
    local pid = pid_of(x)
    if x.check == "yes" and not pid then
      local done, why = start(name, x)
      if done or said[name] ~= why then
        saker.log(done and "notice" or "warning", name .. ":", done or why)
      end
      said[name] = why
    elseif x.check == "wait" then
      if pid then
        saker.kill(pid, "KILL")
        note(name, "killed")
      end
      x.check = "no"
    end
  end
end, PROP_CYCLE, {every = "1s", help = "runs by itself, each second"})

local function quoted(x)
  return string.format("%q", x)
end

saker.register("angell-definition", function(args)
  local x = services[args[1]]
  if not x then
    return nil, "there is no service \"" .. args[1] .. "\""
  end
  local lines = {"service " .. quoted(args[1]) .. " {"}
  local function add(key, value)
    lines[#lines + 1] = "  " .. key .. " = " .. value .. ","
  end
  local command = (x.adopt == "yes" and "exec " or "") .. x.scmd
  add("exec", "{\"/bin/sh\", \"-c\", " .. quoted(command) .. "}")
  if x.adopt == "yes" then
    add("pidfile", quoted(x.pidfile))
  else
    add("daemon", "{pidfile = " .. quoted(x.pidfile) .. "}")
    if x.key then
      add("match", quoted(expression(x.key)))
    end
  end
  if (x.home or "") ~= "" then
    add("dir", quoted(x.home))
  end
  if x.adopt == "yes" and (x.user or "") ~= "" then
    add("user", quoted(x.user))
  end
  add("autostart", tostring(x.check == "yes"))
  add("start_timeout", quoted(patience(x.waitstart) .. "ms"))
  if x.ksignal == 0 then
    add("stop", "{\"/bin/sh\", \"-c\", " .. quoted(x.kcmd) .. "}")
  else
    add("stop", quoted((signals[x.ksignal] or "TERM") .. " "
                       .. patience(x.waitstop) .. "ms KILL"))
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n")
end, PROP_PASSIVITY, {arity = 2, help = "angell-definition NAME: for Saker"})
