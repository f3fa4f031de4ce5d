namespace MsVit.MLNet.Kernels;

/// <summary>The sums over time and neurons that the gradients of a GLIF layer's scalars need.</summary>
/// <remarks>
/// With g[t] the gradient of the membrane v[t], sums over all neurons, and in the last four over t from 1 on:
/// <code>
/// ofX[t] = sum g[t] x[t]   first = sum g[0]   later = sum g[t]
/// kept = sum g[t] v[t-1]   cut = sum g[t] v[t-1] s[t-1]   spiked = sum g[t] s[t-1]
/// </code>
/// They are float32 within a block, in sixteen parts, and float64 beyond, always in the same order.
/// </remarks>
internal sealed unsafe class GlifTotals(int steps, int ranges)
{
    private const int First = 0, Later = 1, Kept = 2, Cut = 3, Spiked = 4, OfX = 5;

    private readonly double[][] _totals = [.. Enumerable.Range(0, ranges).Select(_ => new double[OfX + steps])];

    /// <summary>Floats of scratch memory for the sums of a block, which start as zeros.</summary>
    public static int Floats(int steps) => (OfX + steps) * GlifSums.Parts;

    /// <summary>Adds a time step of a block to the block's sums.</summary>
    /// <param name="membrane">The scalars.</param>
    /// <param name="t">The time step.</param>
    /// <param name="x">Its currents.</param>
    /// <param name="gradient">The gradients of its membranes. The row before holds the membranes one time step earlier.</param>
    /// <param name="pitch">Floats from one row to the next.</param>
    /// <param name="sums">The sums of the block.</param>
    /// <param name="count">The number of neurons in the block.</param>
    public static void Add<T, TElement>(GlifMembrane membrane, int t, TElement* x, float* gradient, nint pitch, float* sums, nint count)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        GlifSums.AddCurrents<T, TElement>(gradient, x, Of(t == 0 ? First : Later), Of(OfX + t), count);
        if (t > 0)
        {
            GlifSums.AddCarried<T>(membrane, gradient, gradient - pitch, Of(Kept), Of(Cut), Of(Spiked), count);
        }

        float* Of(int number) => sums + number * GlifSums.Parts;
    }

    /// <summary>Adds the sums of a block to those of its range.</summary>
    public void Add(int range, float* sums)
    {
        var totals = _totals[range];
        for (var i = 0; i < totals.Length; i++, sums += GlifSums.Parts)
        {
            var (even, odd) = (0.0, 0.0);
            for (var part = 0; part < GlifSums.Parts; part += 2)
            {
                even += sums[part];
                odd += sums[part + 1];
            }
            totals[i] += even + odd;
        }
    }

    /// <summary>The gradients of the gains and of the scalars.</summary>
    public float[] Gradients(GlifMembrane membrane)
    {
        var sum = new double[OfX + steps];
        foreach (var totals in _totals)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += totals[i];
            }
        }
        double keep = membrane.Keep, share = membrane.ResetShare;
        // The gradient of h - threshold is that of h without the direct part from the next membrane.
        var threshold = keep * (sum[Later] - share * sum[Spiked]) - sum[First] - sum[Later];
        return
        [
            .. sum[OfX..].Select(ofGain => (float)ofGain),
            (float)(sum[Kept] - share * sum[Cut]),
            (float)-(sum[First] + sum[Later]),
            (float)threshold,
            (float)(-keep * sum[Cut]),
            (float)-sum[Spiked],
        ];
    }
}
