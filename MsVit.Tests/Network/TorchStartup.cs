using System.Runtime.CompilerServices;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Network;

/// <summary>Tests call torch before they call the library, so torch is loaded with the test assembly.</summary>
internal static class TorchStartup
{
    [ModuleInitializer]
    internal static void Load()
    {
        // The fresh process of Support/FreshProcess.cs must find everything by itself.
        if (Environment.GetCommandLineArgs() is not
            [_, FreshProcess.ScoreVerb or FreshProcess.SpillVerb or FreshProcess.CliVerb or FreshProcess.OnnxVerb, ..])
        {
            NativeTorch.EnsureLoaded();
        }
    }
}
