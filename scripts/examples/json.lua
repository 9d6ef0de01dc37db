-- Reads JSON and writes it again, names in order, a line for each.
local function pretty(value, indent)
  if type(value) ~= "table" then
    return json.encode(value)
  end
  local text = json.encode(value)
  local array = text:sub(1, 1) == "["
  local names, lines = {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  if #names == 0 then
    return text
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local head = array and "" or json.encode(name) .. ": "
    lines[#lines + 1] = indent .. "  " .. head
                        .. pretty(value[name], indent .. "  ")
  end
  local open, close = text:sub(1, 1), text:sub(-1)
  return open .. "\n" .. table.concat(lines, ",\n") .. "\n" .. indent .. close
end

saker.register("json-pretty", function(args)
  local value, why = json.decode(args[1])
  if value == nil then
    return nil, why
  end
  return pretty(value, "")
end, PROP_PASSIVITY, {arity = 2, help = "json-pretty TEXT"})
