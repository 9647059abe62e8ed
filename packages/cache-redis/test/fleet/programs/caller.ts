process.send?.({ kind: 'ready' });
