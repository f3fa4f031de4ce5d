namespace MsVit.MLNet.Kernels;

/// <summary>A layer's constants in float32 and its equations, operation for operation those of <see cref="EagerLif"/>.</summary>
internal interface IMembrane
{
    /// <summary>Potential from which on a neuron fires.</summary>
    float Threshold { get; }

    /// <summary>Where a spike sends the membrane, where it starts and what it leaks to: r.</summary>
    float Rest { get; }

    /// <summary>Whether the input leaks with the membrane.</summary>
    bool DecayInput { get; }

    /// <summary>What the leak is taken of: x - (v - r), or r - v where the input comes in whole.</summary>
    T Drive<T>(T v, T x)
        where T : struct, ILanes<T>;

    /// <summary>The charged membrane h.</summary>
    T Charge<T>(T v, T x)
        where T : struct, ILanes<T>;

    /// <summary>y / tau for LIF, y sigmoid(w) for PLIF.</summary>
    T Leak<T>(T y)
        where T : struct, ILanes<T>;

    /// <summary>The membrane after the reset. A product and not a choice: an infinite h leaves not-a-number behind.</summary>
    T Reset<T>(T h, T spike)
        where T : struct, ILanes<T>;

    /// <summary>The gradient that the membrane after the reset passes to the charged one, h.</summary>
    T BeforeReset<T>(T vGradient, T h, T spike, T slope)
        where T : struct, ILanes<T>;
}
