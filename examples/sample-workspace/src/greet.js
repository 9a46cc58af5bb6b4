// Something for an agent to look at.
export function greet(name) {
  return 'Hello, ' + name;
}
