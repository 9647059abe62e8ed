/** A value of about the given number of bytes as JSON: a record as services keep them. */
export function recordOf(index: number, bytes: number): object {
  const record = {
    id: index,
    name: `user ${index}`,
    email: `user.${index}@example.com`,
    active: index % 3 !== 0,
    score: index * 1.5,
    roles: ['reader', 'writer', 'admin'],
    address: { street: 'Bahnhofstrasse', number: index % 200, city: 'Zürich', zip: '8001' },
    createdAt: '2026-11-24T12:00:00.000Z',
    about: '',
  };
  const missing = bytes - Buffer.byteLength(JSON.stringify(record));
  return {
    ...record,
    about: 'lorem ipsum '.repeat(Math.ceil(missing / 12)).slice(0, Math.max(0, missing)),
  };
}
