-- All processes of a name, with their memory and processor time. A process
-- that ends meanwhile is left out.
saker.register("procinfo", function(args)
  local ids, why = saker.sysinfo("system.proc.id", args[1])
  if not ids then
    return nil, why
  end
  local rows = {}
  for _, pid in ipairs(json.decode(ids)) do
    local text = saker.sysinfo("system.proc.all", pid)
    if text then
      rows[#rows + 1] = {map = json.decode(text)}
    end
  end
  return rows
end, PROP_PASSIVITY, {arity = 2, help = "procinfo NAME"})
