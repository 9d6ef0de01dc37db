-- Figures of the machine as one map.
local keys = {
  uptime = {"system.uptime"},
  load = {"system.cpu.load.all", "avg1"},
  ["memory-used"] = {"system.mem.used", "mb"},
  ["memory-available"] = {"system.mem.available", "mb"},
  ["disk-used"] = {"system.fs.size.pused", "/"},
  received = {"system.net.if.in"},
}

saker.register("sysinfo-all", function()
  local out = {}
  for name, question in pairs(keys) do
    -- What this machine does not tell is left out.
    out[name] = saker.sysinfo(table.unpack(question))
  end
  return {map = out}
end, PROP_PASSIVITY, {help = "sysinfo-all: figures of this machine"})
