using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Splits the rows of a pass over memory among as many threads as torch uses.</summary>
internal static class RowRanges
{
    // About 100 microseconds on one core.
    private const long WorthAThread = 1 << 16;

    /// <summary>Processes the rows from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    public delegate void Work(long from, long to);

    /// <summary>Processes all rows.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="rowSize">Values read per row.</param>
    /// <param name="work">Processes a range of rows.</param>
    public static void Over(long rows, long rowSize, Work work)
    {
        var threads = (int)Math.Clamp(rows * rowSize / WorthAThread, 1, Math.Min(get_num_threads(), rows));
        if (threads == 1)
        {
            work(0, rows);
            return;
        }
        // Small ranges, because a thread may have to wait for a core.
        var ranges = (int)Math.Min(rows, threads * 4);
        TorchTeam.For(ranges, threads, range => work(rows * range / ranges, rows * (range + 1) / ranges));
    }
}
