# For the checks beside it: the sources, and how a problem is told.
cmake_minimum_required(VERSION 3.25)
get_filename_component(root ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)

# find_sources(OUT FOLDER...): all headers and sources below these folders, relative to the checkout.
function(find_sources out)
  set(found)
  foreach(folder ${ARGN})
    file(GLOB_RECURSE here RELATIVE ${root} ${root}/${folder}/*.h ${root}/${folder}/*.cc)
    list(APPEND found ${here})
  endforeach()
  list(SORT found)
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# check(FILES PATTERN ADVICE): no line of the files may match.
function(forbid files pattern advice)
  foreach(file ${files})
    # Brackets and semicolons would be taken for list syntax.
    file(STRINGS ${root}/${file} lines REGEX "${pattern}")
    foreach(line IN LISTS lines)
      message(SEND_ERROR "${file}: ${line}\n  ${advice}")
    endforeach()
  endforeach()
endfunction()

# without(OUT FILES PATTERN): the files whose path does not match.
function(without out files pattern)
  list(FILTER files EXCLUDE REGEX "${pattern}")
  set(${out} ${files} PARENT_SCOPE)
endfunction()
