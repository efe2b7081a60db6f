// SPDX-License-Identifier: Apache-2.0
// Any bytes as one of the six data files: all problems told or an engine that can be built from them.

import RiskDomain
import RiskFiles
import RiskKernel

/// Sound files, of which the input replaces one.
private let contents = [
    "id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,kind,base_currency,option_right,strike,expiry,"
        + "style,underlying,implied_volatility,rate,dividend_yield,tags\n"
        + "1,A,A,Tech,USD,1,0.01,0.25,spot,,,,,,,,,,big\n2,EURUSD,E,FX,USD,1,1,1,fx,EUR,,,,,,,,,\n"
        + "3,AC,AC,Tech,USD,100,0.01,1,option,,call,1.5,2024-06-21,american,A,0.3,0.01,0,\n",
    "account,name,currency,cash,margin_limit,group\nX,Ex,EUR,0,1000,Top/Low\n",
    "account,symbol,quantity,avg_cost,strategy,as_of\nX,A,10,1,s,2024-01-02\nX,AC,1,1,,2024-01-02\n",
    "date,A,EURUSD\n2024-01-02,1,2\n2024-01-03,1.5,2\n2024-01-04,1,\n",
    "crash: {shocks: [{all: true, price: -0.1}], fx: {EUR: -0.1}, replay: {from: 2024-01-02, to: 2024-01-04}}\n",
    "date,symbol,kind,value\n2024-01-03,A,split,2\n",
]
private let files = contents.map { FuzzFile($0) }
private let paths: Configuration.Data = {
    var data = Configuration.Data(
        instruments: files[0].path, accounts: files[1].path, positions: files[2].path, history: [files[3].path],
        scenarios: files[4].path)
    data.events = files[5].path
    return data
}()
private let tier = attempt { () throws(KernelTierError) in try KernelTier(named: "scalar") }

/// Loads the files and, where they are sound, builds an engine; false where they are not.
private func isLoaded() -> Bool {
    let inputs = attempt { () throws(DataFileError) in try DataFiles.load(paths, convention: RiskConvention()) }
    guard let inputs, let tier else { return false }
    _ = attempt { () throws(EngineError) in
        try EngineHandle(inputs: inputs, plan: BookPlan(inputs), rings: [], tier: tier)
    }
    return true
}

private let areContentsSound = isLoaded()

/// The first byte says which file: `i`nstruments, `a`ccounts, `p`ositions, `h`istory, `s`cenarios, `e`vents, else a
/// CSV reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDataFiles(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    require(areContentsSound, "what the input stands beside must be sound")
    var input = FuzzInput(start, count)
    let kind = input.byte()
    let bytes = input.rest()
    guard let file = Array("iaphse".utf8).firstIndex(of: kind) else {
        read(bytes)
        return 0
    }
    files[file].write(bytes)
    _ = isLoaded()
    files[file].write(Array(contents[file].utf8))
    return 0
}

/// Rows have as many fields as the first, and lines only go up.
private func read(_ bytes: [UInt8]) {
    var reader = CSVReader(bytes, fieldBytesMax: 64)
    var line = 0
    var fieldCount: Int?
    while attempt({ () throws(CSVError) in try reader.nextRow() }) == true {
        require(reader.line > line, "line \(reader.line) after \(line)")
        line = reader.line
        require(fieldCount ?? reader.fieldCount == reader.fieldCount, "\(reader.fieldCount) fields")
        fieldCount = reader.fieldCount
        for index in 0..<reader.fieldCount { require(reader.field(index).count <= 64, "field too long") }
    }
}
