using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Rows of a pass over memory, shared out over as many threads as torch uses.</summary>
internal static class RowRanges
{
    // About 100 microseconds of one core.
    private const long WorthAThread = 1 << 16;

    /// <summary>Does rows from one to another.</summary>
    public delegate void Work(long from, long to);

    /// <param name="rows">How many rows.</param>
    /// <param name="rowSize">Values that a row reads.</param>
    /// <param name="work">Does some rows.</param>
    public static void Over(long rows, long rowSize, Work work)
    {
        var threads = (int)Math.Clamp(rows * rowSize / WorthAThread, 1, Math.Min(get_num_threads(), rows));
        if (threads == 1)
        {
            work(0, rows);
            return;
        }
        // A thread may wait for its core: ranges are small.
        var ranges = (int)Math.Min(rows, threads * 4);
        TorchTeam.For(ranges, threads, range => work(rows * range / ranges, rows * (range + 1) / ranges));
    }
}
