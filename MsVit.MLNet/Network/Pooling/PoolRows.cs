using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Pooling;

/// <summary>Scratch memory for a plane's rows, its even and odd columns apart, so that a vector holds neighbouring windows.</summary>
/// <remarks>
/// The window of output j covers the columns 2j - 1, 2j, 2j + 1, which are odd[j - 1], even[j], odd[j]. A row lies as one
/// vector whose last element is odd[-1], then the odd columns, then the even ones, both padded to whole vectors. The window of
/// output row i covers the rows 2i - 1 to 2i + 1, so four rows are kept in turn.
/// </remarks>
internal readonly unsafe struct PoolRows
{
    /// <summary>Outputs in a vector.</summary>
    public const int Lanes = 8;

    private const int RowsKept = 4;

    // About 100 microseconds of one core.
    private const long WorthAThread = 1 << 16;

    private readonly int _rowSize;

    /// <param name="width">Columns of a plane.</param>
    public PoolRows(int width)
    {
        Width = width;
        Outputs = (width + 1) / 2;
        Pitch = (Outputs + Lanes - 1) / Lanes * Lanes;
        _rowSize = Lanes + 2 * Pitch;
    }

    /// <summary>Columns of a plane.</summary>
    public int Width { get; }

    /// <summary>Columns of a pooled plane.</summary>
    public int Outputs { get; }

    /// <summary>The same, padded to whole vectors.</summary>
    public int Pitch { get; }

    /// <summary>Floats that the rows need.</summary>
    public int Size => RowsKept * _rowSize;

    // Properties, for the compiler makes constants of them.
    private static Vector256<int> Apart => Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);

    private static Vector256<int> Together => Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);

    /// <summary>Does each plane, on as many threads as torch uses, with scratch memory for rows and for two padded rows of outputs.</summary>
    public void Run(long planes, long height, Action<long, nint> plane)
    {
        var bytes = (nuint)(Size + 2 * Pitch) * sizeof(float);
        var threads = (int)Math.Clamp(planes * height * Width / WorthAThread, 1, Math.Min(get_num_threads(), planes));
        if (threads == 1)
        {
            Range(0, planes);
            return;
        }
        // Torch's own threads go on spinning after their last operation, so a range may wait for its core: they are small.
        var ranges = Math.Min(planes, threads * 4);
        Parallel.For(0L, ranges, new ParallelOptions { MaxDegreeOfParallelism = threads },
            range => Range(planes * range / ranges, planes * (range + 1) / ranges));

        void Range(long from, long to)
        {
            var scratch = NativeMemory.AlignedAlloc(bytes, Lanes * sizeof(float));
            try
            {
                for (var i = from; i < to; i++)
                {
                    plane(i, (nint)scratch);
                }
            }
            finally
            {
                NativeMemory.AlignedFree(scratch);
            }
        }
    }

    /// <summary>The odd columns of a row.</summary>
    public float* Odd(float* rows, int row) => rows + row % RowsKept * _rowSize + Lanes;

    /// <summary>Its even columns.</summary>
    public float* Even(float* rows, int row) => Odd(rows, row) + Pitch;

    /// <summary>Sets a whole row, padding too.</summary>
    public void Fill(float* rows, int row, float value) => new Span<float>(Odd(rows, row) - Lanes, _rowSize).Fill(value);

    /// <summary>Takes a row of a plane apart; the padding is left as it was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Split(float* source, float* rows, int row)
    {
        var odd = Odd(rows, row);
        var even = Even(rows, row);
        var c = 0;
        for (; c + 2 * Lanes <= Width; c += 2 * Lanes)
        {
            var first = Vector256.Shuffle(Vector256.Load(source + c), Apart);
            var second = Vector256.Shuffle(Vector256.Load(source + c + Lanes), Apart);
            Vector256.Create(first.GetLower(), second.GetLower()).Store(even + c / 2);
            Vector256.Create(first.GetUpper(), second.GetUpper()).Store(odd + c / 2);
        }
        for (; c < Width; c++)
        {
            (c % 2 == 0 ? even : odd)[c / 2] = source[c];
        }
    }

    /// <summary>Puts a row of a plane together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Merge(float* rows, int row, float* target)
    {
        var odd = Odd(rows, row);
        var even = Even(rows, row);
        var c = 0;
        for (; c + 2 * Lanes <= Width; c += 2 * Lanes)
        {
            var (e, o) = (Vector256.Load(even + c / 2), Vector256.Load(odd + c / 2));
            Vector256.Shuffle(Vector256.Create(e.GetLower(), o.GetLower()), Together).Store(target + c);
            Vector256.Shuffle(Vector256.Create(e.GetUpper(), o.GetUpper()), Together).Store(target + c + Lanes);
        }
        for (; c < Width; c++)
        {
            target[c] = (c % 2 == 0 ? even : odd)[c / 2];
        }
    }
}
