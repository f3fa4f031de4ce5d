using System.Diagnostics;
using System.Globalization;

namespace MsVit.Trainer.Data;

/// <summary>Says how far the look at a large data set is; a set that takes no two seconds is not worth a line.</summary>
internal sealed class ScanProgress(TextWriter? output, string path) : IProgress<(long Done, long Total)>
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next = First;

    public void Report((long Done, long Total) value)
    {
        if (output is null || _clock.Elapsed < _next)
        {
            return;
        }
        lock (_lock)
        {
            if (_clock.Elapsed >= _next)
            {
                _next = _clock.Elapsed + Between;
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"Looking at {path}: {value.Done:N0} of {value.Total:N0} files."));
            }
        }
    }
}
