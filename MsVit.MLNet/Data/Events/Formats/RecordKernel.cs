using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MsVit.MLNet.Events;

/// <summary>Decodes runs of regular records, four at a time if the CPU has AVX2.</summary>
internal sealed class RecordKernel(RecordLayout layout)
{
    private const int Group = 4;
    private const int LoadLength = 16;
    private const int YBit = 16, OnBit = 32;

    // Each half has two records, each extended to 64 bits with its lowest byte first; 0x80 gives a zero byte.
    private readonly Vector256<byte> _shuffle = Vector256.Create(Shuffle(layout), Shuffle(layout));
    private readonly Vector256<ulong> _mark = Vector256.Create(layout.Mark);
    private readonly Vector256<ulong> _markValue = Vector256.Create(layout.MarkValue);
    private readonly int _stopWhenSet = layout.RegularWhenDifferent ? 0 : 0b1111;

    private readonly Vector256<ulong> _timeMask = Vector256.Create(layout.Time.Mask);
    private readonly Vector256<ulong> _timeRight = Vector256.Create((ulong)layout.Time.Shift);
    private readonly Vector256<ulong> _xMask = Vector256.Create(layout.X.Mask);
    private readonly Vector256<ulong> _xRight = Vector256.Create((ulong)layout.X.Shift);
    private readonly Vector256<ulong> _yMask = Vector256.Create(layout.Y.Mask << YBit);
    private readonly Vector256<ulong> _yRight = Right(layout.Y.Shift, YBit);
    private readonly Vector256<ulong> _yLeft = Right(YBit, layout.Y.Shift);
    private readonly Vector256<ulong> _onMask = Vector256.Create(1UL << OnBit);
    private readonly Vector256<ulong> _onRight = Right(layout.On, OnBit);
    private readonly Vector256<ulong> _onLeft = Right(OnBit, layout.On);

    // ~raw + size = size - 1 - raw, in 16 bits.
    private readonly Vector256<ulong> _flip = Vector256.Create(
        (layout.MirrorX == 0 ? 0 : 0xFFFFUL) | (layout.MirrorY == 0 ? 0 : 0xFFFFUL << YBit) | (layout.OnIsZero ? 1UL << OnBit : 0));

    private readonly Vector256<ushort> _add = Vector256.Create((uint)layout.MirrorX | ((ulong)(uint)layout.MirrorY << YBit)).AsUInt16();

    /// <summary>Decodes records until one is irregular, or the bytes or the buffer end.</summary>
    /// <param name="bytes">The records.</param>
    /// <param name="events">The buffer for events. Entries beyond the returned count may be overwritten.</param>
    /// <param name="timeBase">The offset added to each time.</param>
    /// <returns>The number of records decoded, one event each.</returns>
    public int Decode(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, long timeBase)
    {
        var count = Math.Min(bytes.Length / layout.Length, events.Length);
        var done = Avx2.IsSupported ? DecodeGroups(bytes, events[..count], timeBase) : 0;
        for (; done < count; done++)
        {
            var record = layout.Record(bytes[(done * layout.Length)..]);
            if (!layout.IsRegular(record))
            {
                break;
            }
            events[done] = layout.Event(record, timeBase);
        }
        return done;
    }

    private int DecodeGroups(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, long timeBase)
    {
        // The compiler keeps locals in registers but would reload fields after each store.
        var (shuffle, mark, markValue, stopWhenSet, flip, add) = (_shuffle, _mark, _markValue, _stopWhenSet, _flip, _add);
        var (timeMask, timeRight, xMask, xRight) = (_timeMask, _timeRight, _xMask, _xRight);
        var (yMask, yRight, yLeft, onMask, onRight, onLeft) = (_yMask, _yRight, _yLeft, _onMask, _onRight, _onLeft);
        ref var source = ref MemoryMarshal.GetReference(bytes);
        ref var target = ref Unsafe.As<CameraEvent, ulong>(ref MemoryMarshal.GetReference(events));
        var times = Vector256.Create((ulong)timeBase);
        var half = 2 * layout.Length;
        // The second load of a group reads 16 bytes, more than two short records have.
        var groups = bytes.Length < half + LoadLength
            ? 0
            : Math.Min(events.Length / Group, ((bytes.Length - half - LoadLength) / (2 * half)) + 1);
        for (var group = 0; group < groups; group++)
        {
            var raw = Avx2.Shuffle(
                Vector256.Create(Vector128.LoadUnsafe(ref source), Vector128.LoadUnsafe(ref source, (nuint)half)), shuffle).AsUInt64();
            var time = (Avx2.ShiftRightLogicalVariable(raw, timeRight) & timeMask) + times;
            var pixel = (Avx2.ShiftRightLogicalVariable(raw, xRight) & xMask)
                | (Avx2.ShiftLeftLogicalVariable(Avx2.ShiftRightLogicalVariable(raw, yRight), yLeft) & yMask)
                | (Avx2.ShiftLeftLogicalVariable(Avx2.ShiftRightLogicalVariable(raw, onRight), onLeft) & onMask);
            pixel = ((pixel ^ flip).AsUInt16() + add).AsUInt64();
            var even = Avx2.UnpackLow(time, pixel);   // events 0 and 2
            var odd = Avx2.UnpackHigh(time, pixel);   // events 1 and 3
            Avx2.Permute2x128(even, odd, 0x20).StoreUnsafe(ref target);
            Avx2.Permute2x128(even, odd, 0x31).StoreUnsafe(ref target, Group);
            var stop = (int)Vector256.Equals(raw & mark, markValue).ExtractMostSignificantBits() ^ stopWhenSet;
            if (stop != 0)
            {
                return (group * Group) + BitOperations.TrailingZeroCount(stop);
            }
            source = ref Unsafe.Add(ref source, 2 * half);
            target = ref Unsafe.Add(ref target, 2 * Group);
        }
        return groups * Group;
    }

    private static Vector256<ulong> Right(int from, int to) => Vector256.Create((ulong)Math.Max(0, from - to));

    private static Vector128<byte> Shuffle(RecordLayout layout)
    {
        Span<byte> indices = stackalloc byte[16];
        indices.Fill(0x80);
        for (var record = 0; record < 2; record++)
        {
            for (var i = 0; i < layout.Length; i++)
            {
                indices[(8 * record) + i] = (byte)((record * layout.Length) + (layout.BigEndian ? layout.Length - 1 - i : i));
            }
        }
        return Vector128.Create<byte>(indices);
    }
}
