// The one moment that charts, map and build orders of a game show.

const CALM = 100;

export class GameTime {
  constructor(length, clockSpeed) {
    this.length = length;
    this.speedName = clockSpeed === "normal" ? "Normal" : "Faster";
    this.seconds = 0;
    this.speed = 8;
    this.isPlaying = false;
    this.watchers = new Set();
    this.frame = 0;
    this.isDue = false;
  }

  watch(work) {
    this.watchers.add(work);
    work(this.seconds);
  }

  // As `watch`, but ten times a second at most: for texts, which nobody reads faster.
  watchCalmly(work) {
    let timer = 0;
    this.watch(() => {
      if (timer === 0) timer = setTimeout(() => { timer = 0; work(this.seconds); }, CALM);
    });
  }

  // Watchers hear of it once a frame, however often it is set.
  set(seconds) {
    this.seconds = Math.max(0, Math.min(this.length, seconds));
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => { this.isDue = false; this.watchers.forEach((work) => work(this.seconds)); });
  }

  play() {
    if (this.isPlaying) return;
    this.isPlaying = true;
    if (this.seconds >= this.length) this.seconds = 0;
    let before = performance.now();
    const step = (now) => {
      if (!this.isPlaying) return;
      this.seconds = Math.min(this.length, this.seconds + (now - before) / 1000 * this.speed);
      before = now;
      if (this.seconds >= this.length) this.isPlaying = false;
      this.watchers.forEach((work) => work(this.seconds));
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  pause() {
    this.isPlaying = false;
    cancelAnimationFrame(this.frame);
    this.set(this.seconds);
  }
}
