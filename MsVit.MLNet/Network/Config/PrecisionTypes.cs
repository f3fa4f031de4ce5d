using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What a <see cref="Precision"/> means for torch and for a device.</summary>
internal static class PrecisionTypes
{
    /// <summary>The type in which spikes and currents are stored.</summary>
    public static ScalarType Type(this Precision precision) => precision switch
    {
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>The bytes of one element of that type.</summary>
    public static int Bytes(this Precision precision) => precision == Precision.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>Whether the device computes in it at full speed. For float16 and bfloat16 on a GPU this is assumed.</summary>
    public static bool IsFast(this Precision precision, Device device) => precision switch
    {
        Precision.BFloat16 => BFloat16Support.IsFast(device),
        Precision.Float16 => device.type != DeviceType.CPU,
        _ => true,
    };

    /// <summary>The precision itself if the device is fast in it, otherwise float32.</summary>
    public static Precision WhereFast(this Precision precision, Device device) => precision.IsFast(device) ? precision : Precision.Float32;
}
