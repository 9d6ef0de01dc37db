-- A shell over the wire: only for those with the right `admin`.
saker.register("system", function(args)
  local text, code = saker.popen(table.concat(args, " "), "10s")
  if not text then
    return nil, code
  end
  return {text, code}
end, PROP_PASSIVITY,
               {arity = -2, right = "admin",
                help = "system COMMAND...: its output and exit code"})
