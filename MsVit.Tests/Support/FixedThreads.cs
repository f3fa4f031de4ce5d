using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace MsVit.Tests.Support;

/// <summary>Fixes the number of torch's threads, as a user who needs the same bits each time does.</summary>
/// <remarks>Otherwise a training beside the tests, such as that of a test's other process, would take cores and change bits.</remarks>
internal static class FixedThreads
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "It must come before the first test.")]
    public static void Set()
    {
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            Environment.SetEnvironmentVariable("OMP_NUM_THREADS", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        }
    }
}
