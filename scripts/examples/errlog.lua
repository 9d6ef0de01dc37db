-- Errors in the log have a stack trace.
local function deeper()
  saker.log(LOG_ERROR, "something is wrong, and this is where")
end

saker.register("errlog", function()
  deeper()
  return {ok = "see the log"}
end, PROP_PASSIVITY, {help = "errlog: writes an error to the log"})
