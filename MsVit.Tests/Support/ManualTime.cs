namespace MsVit.Tests.Support;

/// <summary>A clock that stands still until a test advances it, from any thread.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Called before each reading, on the thread that reads; null (the default) for nothing.</summary>
    public Action? Read { get; set; }

    public override long GetTimestamp()
    {
        Read?.Invoke();
        return Interlocked.Read(ref _ticks);
    }

    public void Advance(double seconds) => Interlocked.Add(ref _ticks, (long)(seconds * TimeSpan.TicksPerSecond));
}
