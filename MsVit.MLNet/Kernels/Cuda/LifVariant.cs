using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>What is compiled into the kernels. The other constants of a layer are arguments (<see cref="LifPass"/>).</summary>
/// <param name="Steps">T. A thread keeps the time steps of its neurons in registers.</param>
/// <param name="Storage">The type in memory: float32, float16 or bfloat16. Membranes are float32.</param>
/// <param name="Slope">The surrogate function.</param>
/// <param name="Leak">How the membrane leaks.</param>
/// <param name="SoftReset">Whether a spike lowers the membrane by the threshold instead of sending it to a potential.</param>
/// <param name="DetachesReset">Whether the reset is a constant in the backward pass.</param>
/// <param name="DecaysInput">Whether the input decays with the membrane.</param>
/// <param name="Counts">Whether the neurons are integer neurons. How they leak and their slope then follow.</param>
internal readonly record struct LifVariant(
    int Steps, ScalarType Storage, SurrogateFunction Slope, LeakForm Leak, bool SoftReset, bool DetachesReset, bool DecaysInput,
    bool Counts)
{
    /// <summary>The largest T that is supported, limited by a thread's registers.</summary>
    public const int MaxSteps = 32;

    private static readonly string[] Shared = ["lif.cu", "storage.cu", "slopes.cu", "sums.cu"];
    private static readonly string[] OfLif = ["membrane.cu", "forward.cu", "backward.cu", "normed.cu"];
    private static readonly string[] OfGlif = ["glif.cu"];
    private static readonly string[] NeuronKernels = ["fire_one", "fire_wide", "back_one", "back_wide", "gather"];
    private static readonly string[] NormKernels =
        ["moments_one", "moments_wide", "back_normed_one", "back_normed_wide", "finish_one", "finish_wide"];

    /// <summary>The source of the kernels, CUDA C++ without includes. The compiler's messages name the file and the line.</summary>
    public string Source =>
        string.Concat(Shared.Concat(IsGlif ? OfGlif : OfLif).Select(part => $"#line 1 \"{part}\"\n{Read(part)}"));

    /// <summary>The names of the kernels in the source.</summary>
    public IReadOnlyList<string> Kernels => IsGlif ? NeuronKernels : [.. NeuronKernels, .. NormKernels];

    /// <summary>Whether the neurons are GLIF's. They have no variants but T, the storage and the surrogate.</summary>
    public bool IsGlif => Leak == LeakForm.Gated;

    /// <summary>The variant for a layer of GLIF neurons.</summary>
    public static LifVariant Glif(int steps, ScalarType storage, Surrogate surrogate) => new(
        steps, storage, surrogate.Function, LeakForm.Gated, SoftReset: true, DetachesReset: false, DecaysInput: false, Counts: false);

    /// <summary>The variant for a layer of other neurons.</summary>
    public static LifVariant Of(int steps, ScalarType storage, LifDynamics dynamics, bool isPlif) => new(
        steps, storage, dynamics.Surrogate.Function,
        isPlif ? LeakForm.Learned
            : float.IsPow2((float)dynamics.Tau) || dynamics.Levels is not null ? LeakForm.Product : LeakForm.Quotient,
        dynamics.ResetTo is null, dynamics.DetachReset, dynamics.DecayInput, dynamics.Levels is not null);

    /// <summary>Whether the kernels support a type in memory.</summary>
    public static bool Supports(ScalarType type) => type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    /// <summary>The macros that the source needs, as compiler options.</summary>
    public IReadOnlyList<string> Macros =>
    [
        $"-DSTEPS={Steps}",
        $"-DSTORAGE={Storage}",
        $"-DSLOPE={Slope}",
        .. IsGlif ? [] : LifMacros,
        $"-DTHREADS={LaunchShape.Threads}",
        $"-DWIDE={LaunchShape.Widest(Steps)}",
    ];

    private string[] LifMacros =>
    [
        $"-DLEARNS={Digit(Leak == LeakForm.Learned)}",
        $"-DDIVIDES={Digit(Leak == LeakForm.Quotient)}",
        $"-DSOFT_RESET={Digit(SoftReset)}",
        $"-DDETACHES_RESET={Digit(DetachesReset)}",
        $"-DDECAYS_INPUT={Digit(DecaysInput)}",
        $"-DCOUNTS={Digit(Counts)}",
    ];

    private static int Digit(bool set) => set ? 1 : 0;

    private static string Read(string part)
    {
        using var stream = typeof(LifVariant).Assembly.GetManifestResourceStream(part)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {part}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>How a membrane leaks.</summary>
internal enum LeakForm
{
    /// <summary>A product with 1/tau, which is exact because tau is a power of two; or that of integer neurons, with 1 - 1/tau.</summary>
    Product,

    /// <summary>A quotient by tau.</summary>
    Quotient,

    /// <summary>A product with PLIF's sigmoid(w), which is on the device.</summary>
    Learned,

    /// <summary>GLIF's gates, which are on the device.</summary>
    Gated,
}
