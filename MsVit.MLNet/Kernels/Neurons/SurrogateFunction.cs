using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The smooth function whose derivative replaces that of a spike when gradients are computed.</summary>
/// <remarks>The forward pass is always the same step: 1 where the membrane reaches the threshold, otherwise 0.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<SurrogateFunction>))]
public enum SurrogateFunction
{
    /// <summary>sigmoid(alpha x). The default alpha is 4. This is what the published networks were trained with.</summary>
    Sigmoid,

    /// <summary>arctan(pi/2 alpha x) / pi + 1/2. The default alpha is 2.</summary>
    ATan,

    /// <summary>A parabola over |x| &lt;= 1/alpha whose derivative is a triangle. The default alpha is 1.</summary>
    PiecewiseQuadratic,

    /// <summary>Two exponentials that meet at 0. The default alpha is 1.</summary>
    PiecewiseExp,

    /// <summary>alpha x / (1 + |alpha x|), moved to (0, 1). The default alpha is 2.</summary>
    SoftSign,

    /// <summary>sign(x) ln(1 + |alpha x|). The default alpha is 1.</summary>
    NonzeroSignLogAbs,

    /// <summary>erfc(-alpha x) / 2. The default alpha is 2.</summary>
    Erf,

    /// <summary>Slope 1/w over |x| &lt; w, slope c outside; alpha is w (1 by default), beta is c (0.01 by default).</summary>
    PiecewiseLeakyReLU,

    /// <summary>
    /// The first n - 1 terms of the Fourier series of a square wave; alpha is n (2 by default), beta its period (8 by default).
    /// </summary>
    SquarewaveFourierSeries,

    /// <summary>sigmoid(alpha x) below 0, beta ln(1 + x) + 1/2 above. The defaults are alpha 4, beta 1.</summary>
    S2NN,

    /// <summary>The q-pseudo-spike, of slope (1 + 2|x| / (alpha - 1))^-alpha; alpha is above 1. The default alpha is 2.</summary>
    QPseudoSpike,

    /// <summary>Slope alpha below 0 (0 by default) and beta from 0 up (1 by default).</summary>
    LeakyKReLU,

    /// <summary>Slope alpha below 0 (0 by default), 1 up to 1, 1/x beyond.</summary>
    LogTailedReLU,
}
