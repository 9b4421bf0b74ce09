import express from 'express';

const port = Number(process.env.PORT ?? 3000);
const app = express();

app.use(express.static('public'));

app.get('/api/time', (_request, response) => {
  response.json({ now: new Date().toISOString() });
});

app.listen(port, '0.0.0.0', () => {
  console.log(`listening on port ${port}`);
});
