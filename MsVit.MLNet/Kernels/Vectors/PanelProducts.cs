using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>Matrix products [rows, depth] x [depth, columns] whose sums stay in registers over the whole depth.</summary>
/// <remarks>
/// The right matrix is stored in panels of 48 columns (the last panel may have fewer); within a panel the columns of one depth are
/// adjacent. Each sum runs through the depth in order and is rounded once per step, so its bits depend on neither the vector width nor
/// the number of threads.
/// </remarks>
internal static unsafe class PanelProducts
{
    /// <summary>Columns per panel: three vectors of 512 bits.</summary>
    public const int Panel = 48;

    /// <summary>Rows computed at a time. The number of rows is a multiple of it.</summary>
    public const int RowUnit = 8;

    /// <summary>The offset of a column in the right matrix.</summary>
    public static nint PanelOffset(int column, int depth)
    {
        var first = column / Panel * Panel;
        return (nint)first * depth + column - first;
    }

    /// <summary>Floats from one depth to the next in the panel of a column.</summary>
    public static int PanelWidth(int column, int columns) => Math.Min(Panel, columns - column / Panel * Panel);

    /// <summary>Computes one panel of the product, or adds it to the target.</summary>
    /// <param name="left">The left matrix.</param>
    /// <param name="right">The panel.</param>
    /// <param name="width">The columns of the panel, a multiple of the lanes.</param>
    /// <param name="depth">The number of products per sum.</param>
    /// <param name="target">Where the first column of the panel goes.</param>
    /// <param name="pitch">Floats from one row of the target to the next.</param>
    /// <param name="rows">The number of rows, a multiple of <see cref="RowUnit"/>.</param>
    /// <param name="adds">Whether the product is added to what the target holds.</param>
    public static void Multiply<T>(LeftMatrix left, float* right, int width, int depth, float* target, nint pitch, int rows, bool adds)
        where T : struct, ILanes<T>
    {
        for (var row = 0; row < rows; row += RowUnit)
        {
            var a = left.Data + row * left.Row;
            var c = target + row * pitch;
            var column = 0;
            for (; column + 3 * T.Count <= width; column += 3 * T.Count)
            {
                // This takes 27 of the 32 registers of 512 bits, or 16 of the 16 narrower ones.
                if (T.Count == Lanes512.Count)
                {
                    Block8x3<T>(a, left.Row, left.Depth, right + column, width, depth, c + column, pitch, adds);
                }
                else
                {
                    Block4x3<T>(a, left.Row, left.Depth, right + column, width, depth, c + column, pitch, adds);
                    Block4x3<T>(a + 4 * left.Row, left.Row, left.Depth, right + column, width, depth, c + column + 4 * pitch, pitch, adds);
                }
            }
            for (; column < width; column += T.Count)
            {
                Block8x1<T>(a, left.Row, left.Depth, right + column, width, depth, c + column, pitch, adds);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x3<T>(float* a, nint row, nint step, float* b, nint width, int depth, float* c, nint pitch, bool adds)
        where T : struct, ILanes<T>
    {
        var zero = T.Splat(0);
        var from = c;
        var (c00, c01, c02) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c10, c11, c12) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c20, c21, c22) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c30, c31, c32) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c40, c41, c42) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c50, c51, c52) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c60, c61, c62) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c70, c71, c72) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        var a1 = a + row;
        var a2 = a + 2 * row;
        var a3 = a + 3 * row;
        var a4 = a + 4 * row;
        var a5 = a + 5 * row;
        var a6 = a + 6 * row;
        var a7 = a + 7 * row;
        nint at = 0;
        for (var k = 0; k < depth; k++)
        {
            var b0 = T.Load(b);
            var b1 = T.Load(b + T.Count);
            var b2 = T.Load(b + 2 * T.Count);
            var x0 = T.Splat(a[at]);
            c00 = T.MultiplyAdd(x0, b0, c00);
            c01 = T.MultiplyAdd(x0, b1, c01);
            c02 = T.MultiplyAdd(x0, b2, c02);
            var x1 = T.Splat(a1[at]);
            c10 = T.MultiplyAdd(x1, b0, c10);
            c11 = T.MultiplyAdd(x1, b1, c11);
            c12 = T.MultiplyAdd(x1, b2, c12);
            var x2 = T.Splat(a2[at]);
            c20 = T.MultiplyAdd(x2, b0, c20);
            c21 = T.MultiplyAdd(x2, b1, c21);
            c22 = T.MultiplyAdd(x2, b2, c22);
            var x3 = T.Splat(a3[at]);
            c30 = T.MultiplyAdd(x3, b0, c30);
            c31 = T.MultiplyAdd(x3, b1, c31);
            c32 = T.MultiplyAdd(x3, b2, c32);
            var x4 = T.Splat(a4[at]);
            c40 = T.MultiplyAdd(x4, b0, c40);
            c41 = T.MultiplyAdd(x4, b1, c41);
            c42 = T.MultiplyAdd(x4, b2, c42);
            var x5 = T.Splat(a5[at]);
            c50 = T.MultiplyAdd(x5, b0, c50);
            c51 = T.MultiplyAdd(x5, b1, c51);
            c52 = T.MultiplyAdd(x5, b2, c52);
            var x6 = T.Splat(a6[at]);
            c60 = T.MultiplyAdd(x6, b0, c60);
            c61 = T.MultiplyAdd(x6, b1, c61);
            c62 = T.MultiplyAdd(x6, b2, c62);
            var x7 = T.Splat(a7[at]);
            c70 = T.MultiplyAdd(x7, b0, c70);
            c71 = T.MultiplyAdd(x7, b1, c71);
            c72 = T.MultiplyAdd(x7, b2, c72);
            at += step;
            b += width;
        }
        c00.Store(c);
        c01.Store(c + T.Count);
        c02.Store(c + 2 * T.Count);
        c10.Store(c + pitch);
        c11.Store(c + pitch + T.Count);
        c12.Store(c + pitch + 2 * T.Count);
        c20.Store(c + 2 * pitch);
        c21.Store(c + 2 * pitch + T.Count);
        c22.Store(c + 2 * pitch + 2 * T.Count);
        c30.Store(c + 3 * pitch);
        c31.Store(c + 3 * pitch + T.Count);
        c32.Store(c + 3 * pitch + 2 * T.Count);
        c40.Store(c + 4 * pitch);
        c41.Store(c + 4 * pitch + T.Count);
        c42.Store(c + 4 * pitch + 2 * T.Count);
        c50.Store(c + 5 * pitch);
        c51.Store(c + 5 * pitch + T.Count);
        c52.Store(c + 5 * pitch + 2 * T.Count);
        c60.Store(c + 6 * pitch);
        c61.Store(c + 6 * pitch + T.Count);
        c62.Store(c + 6 * pitch + 2 * T.Count);
        c70.Store(c + 7 * pitch);
        c71.Store(c + 7 * pitch + T.Count);
        c72.Store(c + 7 * pitch + 2 * T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4x3<T>(float* a, nint row, nint step, float* b, nint width, int depth, float* c, nint pitch, bool adds)
        where T : struct, ILanes<T>
    {
        var zero = T.Splat(0);
        var from = c;
        var (c00, c01, c02) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c10, c11, c12) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c20, c21, c22) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        from += pitch;
        var (c30, c31, c32) = (adds ? T.Load(from) : zero, adds ? T.Load(from + T.Count) : zero, adds ? T.Load(from + 2 * T.Count) : zero);
        var a1 = a + row;
        var a2 = a + 2 * row;
        var a3 = a + 3 * row;
        nint at = 0;
        for (var k = 0; k < depth; k++)
        {
            var b0 = T.Load(b);
            var b1 = T.Load(b + T.Count);
            var b2 = T.Load(b + 2 * T.Count);
            var x0 = T.Splat(a[at]);
            c00 = T.MultiplyAdd(x0, b0, c00);
            c01 = T.MultiplyAdd(x0, b1, c01);
            c02 = T.MultiplyAdd(x0, b2, c02);
            var x1 = T.Splat(a1[at]);
            c10 = T.MultiplyAdd(x1, b0, c10);
            c11 = T.MultiplyAdd(x1, b1, c11);
            c12 = T.MultiplyAdd(x1, b2, c12);
            var x2 = T.Splat(a2[at]);
            c20 = T.MultiplyAdd(x2, b0, c20);
            c21 = T.MultiplyAdd(x2, b1, c21);
            c22 = T.MultiplyAdd(x2, b2, c22);
            var x3 = T.Splat(a3[at]);
            c30 = T.MultiplyAdd(x3, b0, c30);
            c31 = T.MultiplyAdd(x3, b1, c31);
            c32 = T.MultiplyAdd(x3, b2, c32);
            at += step;
            b += width;
        }
        c00.Store(c);
        c01.Store(c + T.Count);
        c02.Store(c + 2 * T.Count);
        c10.Store(c + pitch);
        c11.Store(c + pitch + T.Count);
        c12.Store(c + pitch + 2 * T.Count);
        c20.Store(c + 2 * pitch);
        c21.Store(c + 2 * pitch + T.Count);
        c22.Store(c + 2 * pitch + 2 * T.Count);
        c30.Store(c + 3 * pitch);
        c31.Store(c + 3 * pitch + T.Count);
        c32.Store(c + 3 * pitch + 2 * T.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8x1<T>(float* a, nint row, nint step, float* b, nint width, int depth, float* c, nint pitch, bool adds)
        where T : struct, ILanes<T>
    {
        var zero = T.Splat(0);
        var c00 = adds ? T.Load(c) : zero;
        var c10 = adds ? T.Load(c + pitch) : zero;
        var c20 = adds ? T.Load(c + 2 * pitch) : zero;
        var c30 = adds ? T.Load(c + 3 * pitch) : zero;
        var c40 = adds ? T.Load(c + 4 * pitch) : zero;
        var c50 = adds ? T.Load(c + 5 * pitch) : zero;
        var c60 = adds ? T.Load(c + 6 * pitch) : zero;
        var c70 = adds ? T.Load(c + 7 * pitch) : zero;
        var a1 = a + row;
        var a2 = a + 2 * row;
        var a3 = a + 3 * row;
        var a4 = a + 4 * row;
        var a5 = a + 5 * row;
        var a6 = a + 6 * row;
        var a7 = a + 7 * row;
        nint at = 0;
        for (var k = 0; k < depth; k++)
        {
            var b0 = T.Load(b);
            var x0 = T.Splat(a[at]);
            c00 = T.MultiplyAdd(x0, b0, c00);
            var x1 = T.Splat(a1[at]);
            c10 = T.MultiplyAdd(x1, b0, c10);
            var x2 = T.Splat(a2[at]);
            c20 = T.MultiplyAdd(x2, b0, c20);
            var x3 = T.Splat(a3[at]);
            c30 = T.MultiplyAdd(x3, b0, c30);
            var x4 = T.Splat(a4[at]);
            c40 = T.MultiplyAdd(x4, b0, c40);
            var x5 = T.Splat(a5[at]);
            c50 = T.MultiplyAdd(x5, b0, c50);
            var x6 = T.Splat(a6[at]);
            c60 = T.MultiplyAdd(x6, b0, c60);
            var x7 = T.Splat(a7[at]);
            c70 = T.MultiplyAdd(x7, b0, c70);
            at += step;
            b += width;
        }
        c00.Store(c);
        c10.Store(c + pitch);
        c20.Store(c + 2 * pitch);
        c30.Store(c + 3 * pitch);
        c40.Store(c + 4 * pitch);
        c50.Store(c + 5 * pitch);
        c60.Store(c + 6 * pitch);
        c70.Store(c + 7 * pitch);
    }
}

/// <summary>The left matrix of a product.</summary>
/// <param name="First">The address of its first number.</param>
/// <param name="Row">Floats from one row to the next.</param>
/// <param name="Depth">Floats from one depth to the next.</param>
internal readonly unsafe record struct LeftMatrix(nint First, nint Row, nint Depth)
{
    /// <summary>The first number.</summary>
    public float* Data => (float*)First;
}
