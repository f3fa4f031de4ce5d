using System.Text;
using MsVit.Trainer;

if (!OperatingSystem.IsWindows())
{
    TerminalStream.Use();
    return CommandLine.Run(args, Console.Out, Console.Error);
}
// Windows' consoles, and the programs that read from this one, would get the letters of an old code page. The console outlives msvit.
var before = Console.OutputEncoding;
Console.OutputEncoding = Encoding.UTF8;
try
{
    return CommandLine.Run(args, Console.Out, Console.Error);
}
finally
{
    Console.OutputEncoding = before;
}
