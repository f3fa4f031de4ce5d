using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Finds the device for a device name.</summary>
internal static class TorchDevice
{
    private static readonly string[] Names = ["auto", "cpu", "cuda"];

    /// <summary>A question to append to the message about a name that is not one; empty if none is near.</summary>
    public static string Question(string name) => name.StartsWith("gpu", StringComparison.OrdinalIgnoreCase)
        ? " Did you mean cuda?"
        : NearestNames.Question(name, Names);

    /// <summary>Whether <see cref="Choose"/> understands a name: auto, cpu, cuda or cuda:N.</summary>
    public static bool IsName(string name) => name is "auto" or "cpu" or "cuda" || TryIndex(name, out _);

    /// <summary>Finds the device.</summary>
    /// <param name="name">auto, cpu, cuda or cuda:N.</param>
    /// <param name="gpuDeviceId">The value of <c>MLContext.GpuDeviceId</c>, used with auto and cuda.</param>
    /// <param name="fallbackToCpu">Whether auto may use the CPU if that GPU is not available.</param>
    /// <param name="localRank">The number of this process among those that train together on this host. The default is 0.</param>
    /// <param name="localSize">Their number. Each takes a GPU of its own, unless the GPU is given. The default is 1.</param>
    /// <returns>The device and a one-line description.</returns>
    /// <exception cref="InvalidOperationException">The requested GPU is not available. The message says what was found.</exception>
    public static (Device Device, string Description) Choose(
        string name, int? gpuDeviceId, bool fallbackToCpu, int localRank = 0, int localSize = 1)
    {
        NativeTorch.EnsureLoaded();
        if (name == "cpu")
        {
            return Cpu("requested");
        }
        var gpus = CudaDevices(out var reason);
        if (name is "auto" or "cuda" && gpuDeviceId is null && gpus > 0 && gpus < localSize)
        {
            throw new InvalidOperationException(
                $"{localSize} ranks run on {Environment.MachineName}, which has {Counted.Of(gpus, "GPU")} ({reason}). "
                + "Start one rank for each GPU, or set Device to \"cpu\".");
        }
        if (name == "auto")
        {
            var wanted = gpuDeviceId ?? localRank;
            if (wanted < gpus)
            {
                return Cuda(wanted, gpus);
            }
            return gpuDeviceId is null || fallbackToCpu
                ? Cpu(gpuDeviceId is null ? reason : $"GPU {wanted} of MLContext.GpuDeviceId is not available: {reason}")
                : throw Missing($"GPU {wanted} (MLContext.GpuDeviceId, with FallbackToCpu off)", gpus, reason);
        }
        var index = TryIndex(name, out var given) ? given : gpuDeviceId ?? localRank;
        return index < gpus ? Cuda(index, gpus) : throw Missing($"device '{name}'", gpus, reason);
    }

    /// <summary>
    /// The device of a model that ML.NET loads: the GPU that the context names, or the CPU if it names none, following ML.NET.
    /// </summary>
    /// <inheritdoc cref="Choose"/>
    public static (Device Device, string Description) OfLoaded(int? gpuDeviceId, bool fallbackToCpu)
    {
        NativeTorch.EnsureLoaded();
        return gpuDeviceId is null ? Cpu("MLContext.GpuDeviceId is not set") : Choose("auto", gpuDeviceId, fallbackToCpu);
    }

    private static (Device, string) Cpu(string why) =>
        (torch.CPU, $"CPU, {Counted.Of(get_num_threads(), "thread")} ({why}){OneDnnKernels.Note}");

    private static (Device, string) Cuda(int index, int gpus) =>
        (new Device(DeviceType.CUDA, index), $"CUDA GPU {index} of {gpus}{(GpuFacts.Of(index) is { } facts ? $", {facts}" : "")}");

    private static int CudaDevices(out string reason)
    {
        try
        {
            if (cuda.is_available())
            {
                reason = $"{cuda.device_count()} CUDA devices found";
                return cuda.device_count();
            }
            reason = "torch sees no CUDA device: the application carries the CPU build of libtorch, or the driver is missing";
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or ExternalException)
        {
            reason = $"CUDA does not start: {TorchError.Text(e)}";
        }
        return 0;
    }

    private static InvalidOperationException Missing(string what, int gpus, string reason) => new(
        $"{what} is not available; found: {gpus} CUDA devices ({reason}). "
        + "Reference TorchSharp-cuda-linux or TorchSharp-cuda-windows and check the driver, or set Device to \"cpu\" or \"auto\".");

    private static bool TryIndex(string name, out int index)
    {
        index = 0;
        return name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }
}
