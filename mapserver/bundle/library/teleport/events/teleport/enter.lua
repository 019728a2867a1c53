for _, thing in ipairs(objects.near(object.x, object.y, 1.5, 'objects')) do
  if (not data.portal or thing.key == data.portal) and teleport.go(object, thing) then return end
end
