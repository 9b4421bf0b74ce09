import { useState } from 'react';

export function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello, Vite and React</h1>
      <p>
        Edit <code>src/App.tsx</code> and watch this page change.
      </p>
      <button
        type="button"
        onClick={() => {
          setCount(count + 1);
        }}
      >
        Clicked {count} times
      </button>
    </main>
  );
}
