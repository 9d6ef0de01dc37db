-- A task that does nothing, a hundred times a second: its memory stays flat.
local runs = 0

saker.register("test-mem-task", function()
  runs = runs + 1
end, PROP_CYCLE, {every = "10ms", help = "does nothing"})

saker.register("test-mem", function()
  return {runs, collectgarbage("count")}
end, PROP_PASSIVITY, {help = "test-mem: runs, and kilobytes in use"})
