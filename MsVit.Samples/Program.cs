using System.Text;
using MsVit.Samples;

if (OperatingSystem.IsWindows())
{
    // Its consoles would get the letters of an old code page.
    Console.OutputEncoding = Encoding.UTF8;
}

// dotnet run --project MsVit.Samples [-- NAME [options]] runs the sample with that name, the first one by default.
return RootCommandLine.Invoke(args);
