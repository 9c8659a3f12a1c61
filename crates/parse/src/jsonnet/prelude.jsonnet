// The part of the standard library that is written in Jsonnet. What is not here is in library.rs.
{
  isString(v):: std.type(v) == 'string',
  isNumber(v):: std.type(v) == 'number',
  isBoolean(v):: std.type(v) == 'boolean',
  isObject(v):: std.type(v) == 'object',
  isArray(v):: std.type(v) == 'array',
  isFunction(v):: std.type(v) == 'function',
  isNull(v):: v == null,
  id(x):: x,
  pi:: 3.14159265358979323846,

  // Numbers
  abs(n):: if n < 0 then -n else n,
  sign(n):: if n > 0 then 1 else if n < 0 then -1 else 0,
  max(a, b):: if std.type(a) != 'number' || std.type(b) != 'number' then error 'std.max: expected numbers' else if a > b then a else b,
  min(a, b):: if std.type(a) != 'number' || std.type(b) != 'number' then error 'std.min: expected numbers' else if a < b then a else b,
  clamp(x, minVal, maxVal):: if x < minVal then minVal else if x > maxVal then maxVal else x,
  deg2rad(x):: x * std.pi / 180,
  rad2deg(x):: x * 180 / std.pi,
  mod(a, b)::
    if std.type(a) == 'number' && std.type(b) == 'number' then std.modulo(a, b)
    else if std.type(a) == 'string' then std.format(a, b)
    else error 'std.mod: expected numbers, or a string and its arguments',
  xor(x, y):: (x || y) && !(x && y),
  xnor(x, y):: !std.xor(x, y),
  sum(arr):: std.foldl(function(a, b) a + b, arr, 0),
  avg(arr):: if std.length(arr) == 0 then error 'std.avg: the array is empty' else std.sum(arr) / std.length(arr),

  // Strings
  startsWith(a, b):: std.length(a) >= std.length(b) && std.substr(a, 0, std.length(b)) == b,
  endsWith(a, b):: std.length(a) >= std.length(b) && std.substr(a, std.length(a) - std.length(b), std.length(b)) == b,
  isEmpty(str):: std.length(str) == 0,
  equalsIgnoreCase(str1, str2):: std.asciiLower(str1) == std.asciiLower(str2),
  stringChars(str):: std.makeArray(std.length(str), function(i) str[i]),
  split(str, c):: std.splitLimit(str, c, -1),
  trim(str):: std.stripChars(str, ' \t\n\f\r\u0085\u00A0'),
  stripChars(str, chars):: std.lstripChars(std.rstripChars(str, chars), chars),
  lines(arr):: std.join('\n', arr + ['']),
  deepJoin(arr)::
    if std.isString(arr) then arr
    else if std.isArray(arr) then std.join('', [std.deepJoin(x) for x in arr])
    else error 'std.deepJoin: expected a string or an array, found ' + std.type(arr),
  escapeStringPython(str):: std.escapeStringJson(str),
  escapeStringBash(str_):: "'" + std.strReplace(std.toString(str_), "'", "'\"'\"'") + "'",
  escapeStringDollars(str_):: std.strReplace(std.toString(str_), '$', '$$'),
  escapeStringXML(str_)::
    local marks = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };
    std.join('', [std.get(marks, c, c) for c in std.stringChars(std.toString(str_))]),
  resolvePath(f, r):: local parts = std.split(f, '/'); std.join('/', parts[:std.length(parts) - 1] + [r]),

  // Arrays
  map(func, arr)::
    if !std.isFunction(func) then error 'std.map: the first parameter is a function, not ' + std.type(func)
    else if !std.isArray(arr) && !std.isString(arr) then error 'std.map: the second parameter is an array or a string, not ' + std.type(arr)
    else std.makeArray(std.length(arr), function(i) func(arr[i])),
  mapWithIndex(func, arr)::
    if !std.isFunction(func) then error 'std.mapWithIndex: the first parameter is a function, not ' + std.type(func)
    else if !std.isArray(arr) && !std.isString(arr) then error 'std.mapWithIndex: the second parameter is an array or a string, not ' + std.type(arr)
    else std.makeArray(std.length(arr), function(i) func(i, arr[i])),
  filterMap(filter_func, map_func, arr):: std.map(map_func, std.filter(filter_func, arr)),
  flattenArrays(arrs):: std.foldl(function(a, b) a + b, arrs, []),
  flattenDeepArray(value):: if std.isArray(value) then [y for x in value for y in std.flattenDeepArray(x)] else [value],
  repeat(what, count)::
    local joiner = if std.isString(what) then '' else if std.isArray(what) then [] else error 'std.repeat: the first parameter is an array or a string';
    std.join(joiner, std.makeArray(count, function(i) what)),
  count(arr, x):: std.length(std.filter(function(v) v == x, arr)),
  find(value, arr):: std.filter(function(i) arr[i] == value, std.range(0, std.length(arr) - 1)),
  contains(arr, elem):: std.any([x == elem for x in arr]),
  all(arr):: std.length(std.filter(function(x) !x, arr)) == 0,
  any(arr):: std.length(std.filter(function(x) x, arr)) > 0,
  remove(arr, elem):: local found = std.find(elem, arr); if found == [] then arr else std.removeAt(arr, found[0]),
  removeAt(arr, i):: [arr[j] for j in std.range(0, std.length(arr) - 1) if j != i],
  reverse(arr):: local last = std.length(arr) - 1; std.makeArray(last + 1, function(i) arr[last - i]),
  set(arr, keyF=std.id):: std.uniq(std.sort(arr, keyF), keyF),
  setMember(x, arr, keyF=std.id):: std.length(std.setInter([x], arr, keyF)) > 0,
  mergePatch(target, patch)::
    if std.isObject(patch) then
      local base = if std.isObject(target) then target else {};
      local names = std.setUnion(std.objectFields(base), std.objectFields(patch));
      {
        [name]: if !std.objectHas(patch, name) then base[name]
        else if !std.objectHas(base, name) then std.mergePatch(null, patch[name])
        else std.mergePatch(base[name], patch[name])
        for name in names
        if !std.objectHas(patch, name) || patch[name] != null
      }
    else patch,

  // Objects
  get(o, f, default=null, inc_hidden=true):: if std.objectHasEx(o, f, inc_hidden) then o[f] else default,
  objectHas(o, f):: std.objectHasEx(o, f, false),
  objectHasAll(o, f):: std.objectHasEx(o, f, true),
  objectFields(o):: std.objectFieldsEx(o, false),
  objectFieldsAll(o):: std.objectFieldsEx(o, true),
  objectValues(o):: [o[k] for k in std.objectFields(o)],
  objectValuesAll(o):: [o[k] for k in std.objectFieldsAll(o)],
  objectKeysValues(o):: [{ key: k, value: o[k] } for k in std.objectFields(o)],
  objectKeysValuesAll(o):: [{ key: k, value: o[k] } for k in std.objectFieldsAll(o)],
  mapWithKey(func, obj)::
    if !std.isFunction(func) then error 'std.mapWithKey: the first parameter is a function, not ' + std.type(func)
    else if !std.isObject(obj) then error 'std.mapWithKey: the second parameter is an object, not ' + std.type(obj)
    else { [k]: func(k, obj[k]) for k in std.objectFields(obj) },
  prune(a)::
    local keeps(v) = if v == null then false else if std.isArray(v) || std.isObject(v) then std.length(v) > 0 else true;
    if std.isArray(a) then [y for y in [std.prune(x) for x in a] if keeps(y)]
    else if std.isObject(a) then { [k]: std.prune(a[k]) for k in std.objectFields(a) if keeps(std.prune(a[k])) }
    else a,
  assertEqual(a, b):: if a == b then true else error 'Assertion failed. ' + std.toString(a) + ' != ' + std.toString(b),

  // Output
  manifestJson(value):: std.manifestJsonEx(value, '    '),
  manifestJsonMinified(value):: std.manifestJsonEx(value, '', '', ':'),
  manifestToml(value):: std.manifestTomlEx(value, '  '),
  manifestYamlStream(value, indent_array_in_object=false, c_document_end=true, quote_keys=true)::
    if !std.isArray(value) then error 'std.manifestYamlStream: expected an array, found ' + std.type(value)
    else '---\n' + std.join('\n---\n', [std.manifestYamlDoc(e, indent_array_in_object, quote_keys) for e in value]) + (if c_document_end then '\n...\n' else '\n'),
  manifestIni(ini)::
    local entries(body) = std.flattenArrays([
      if std.isArray(body[k]) then ['%s = %s' % [k, v] for v in body[k]] else ['%s = %s' % [k, body[k]]]
      for k in std.objectFields(body)
    ]);
    std.join('\n', (if std.objectHas(ini, 'main') then entries(ini.main) else [])
                   + std.flattenArrays([['[%s]' % k] + entries(ini.sections[k]) for k in std.objectFields(ini.sections)])
                   + ['']),
  manifestPython(v)::
    if std.isObject(v) then '{' + std.join(', ', ['%s: %s' % [std.escapeStringPython(k), std.manifestPython(v[k])] for k in std.objectFields(v)]) + '}'
    else if std.isArray(v) then '[' + std.join(', ', [std.manifestPython(x) for x in v]) + ']'
    else if std.isString(v) then std.escapeStringPython(v)
    else if std.isFunction(v) then error 'std.manifestPython: a function has no notation'
    else if v == null then 'None'
    else if v == true then 'True'
    else if v == false then 'False'
    else '' + v,
  manifestPythonVars(conf):: std.join('\n', ['%s = %s' % [k, std.manifestPython(conf[k])] for k in std.objectFields(conf)] + ['']),
  manifestXmlJsonml(value)::
    if !std.isArray(value) then error 'std.manifestXmlJsonml: expected an array, found ' + std.type(value)
    else
      local node(v) =
        if std.isString(v) then v
        else
          local has_attributes = std.length(v) > 1 && std.isObject(v[1]);
          local attributes = if has_attributes then v[1] else {};
          std.deepJoin([
            '<', v[0],
            [' %s="%s"' % [k, attributes[k]] for k in std.objectFields(attributes)],
            '>', [node(x) for x in v[(if has_attributes then 2 else 1):]], '</', v[0], '>',
          ]);
      node(value),
}
