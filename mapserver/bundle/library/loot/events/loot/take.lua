for _, thing in ipairs(objects.near(object.x, object.y, 1.5, 'objects')) do
  loot.take(object, thing)
end
