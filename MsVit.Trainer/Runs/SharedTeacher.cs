using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>The vectors of a teacher that rank 0 has asked, on every rank.</summary>
internal static class SharedTeacher
{
    // Bytes that are sent at a time.
    private const int MostBytes = 64 << 20;

    /// <summary>Asks the teacher on rank 0 and gives its vectors to all.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="ask">Called on rank 0 only. If it throws, every rank throws.</param>
    public static Teacher Of(RankGroup ranks, long rows, Func<Teacher> ask)
    {
        if (ranks.Size == 1)
        {
            return ask();
        }
        var own = default(Teacher);
        var head = ranks.FromFirst(() =>
        {
            own = ask();
            var bytes = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, own.Width);
            return bytes;
        });
        var width = BinaryPrimitives.ReadInt32LittleEndian(head);
        var rowsAtOnce = Math.Max(1, MostBytes / (width * sizeof(float)));
        var chunks = new List<float[]>();
        for (var from = 0L; from < rows; from += rowsAtOnce)
        {
            var count = (int)Math.Min(rowsAtOnce, rows - from);
            var bytes = ranks.FromFirst(() => Bytes(own!, from, count));
            if (own is null)
            {
                chunks.Add(MemoryMarshal.Cast<byte, float>(bytes).ToArray());
            }
        }
        return own ?? new(width, row => chunks[(int)(row / rowsAtOnce)].AsSpan((int)(row % rowsAtOnce) * width, width).ToArray());
    }

    private static byte[] Bytes(Teacher teacher, long from, int count)
    {
        var values = new float[(long)count * teacher.Width];
        for (var i = 0; i < count; i++)
        {
            teacher.Vector(from + i).CopyTo(values, i * teacher.Width);
        }
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
