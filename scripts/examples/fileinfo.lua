-- What a file is, as a map (in RESP2: names and values in turn).
saker.register("fileinfo", function(args)
  local info, why = saker.fileinfo(args[1], true)
  if not info then
    return nil, why
  end
  return {map = info}
end, PROP_PASSIVITY, {arity = 2, help = "fileinfo PATH"})
