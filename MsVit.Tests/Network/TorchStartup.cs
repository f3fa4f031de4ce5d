using System.Runtime.CompilerServices;
using MsVit.MLNet.Platform;

namespace MsVit.Tests.Network;

/// <summary>Tests call torch before they call the library, so torch is loaded with the test assembly.</summary>
internal static class TorchStartup
{
    [ModuleInitializer]
    internal static void Load() => NativeTorch.EnsureLoaded();
}
