-- Line breaks and other control characters become blanks: one message, one line.
local text = data.text:gsub('[%c%s]+', ' '):gsub('^ ', ''):gsub(' $', '')
if text ~= '' then
  objects.send({chat = {key = object.key, login = object.login, text = text}})
end
