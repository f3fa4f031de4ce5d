namespace MsVit.MLNet;

/// <summary>The quantile function of the standard normal distribution, bit-identical on every platform.</summary>
/// <remarks>
/// Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (Applied Statistics 37, 1988), routine PPND7, with a
/// relative error of about 1e-7. The logarithm is computed here, because the system libraries differ in its last bit.
/// </remarks>
internal static class NormalQuantile
{
    private const double Ln2 = 0.693147180559945309417;

    /// <param name="p">A probability in (0, 1).</param>
    /// <returns>The x such that a standard normal variable is below x with that probability.</returns>
    public static float Of(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - (q * q);
            return (float)(q * ((((59.109374720 * r + 159.29113202) * r + 50.434271938) * r) + 3.3871327179)
                / ((((67.187563600 * r + 78.757757664) * r + 17.895169469) * r) + 1.0));
        }
        var tail = Tail(Math.Sqrt(-Log(q < 0 ? p : 1 - p)));
        return (float)(q < 0 ? -tail : tail);
    }

    private static double Tail(double r)
    {
        if (r <= 5)
        {
            r -= 1.6;
            return ((((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r) + 1.4234372777)
                / (((0.12021132975 * r + 0.73700164250) * r) + 1.0);
        }
        r -= 5;
        return ((((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r) + 6.6579051150)
            / (((0.012258202635 * r + 0.24197894225) * r) + 1.0);
    }

    /// <summary>
    /// ln x = e ln 2 + 2 artanh((m - 1)/(m + 1)) for x = m 2^e, m in [1/sqrt 2, sqrt 2); the series is truncated below 1e-17.
    /// </summary>
    private static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var m = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
        {
            m /= 2;
            exponent++;
        }
        var s = (m - 1) / (m + 1);
        var sum = 0.0;
        for (var k = 21; k >= 1; k -= 2)
        {
            sum = (sum * s * s) + (1.0 / k);
        }
        return (exponent * Ln2) + (2 * s * sum);
    }
}
